"""A photo with depth as a scene: layers, what lies hidden behind them, and views of it."""
