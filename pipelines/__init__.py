"""From an instruction to a plan, to frames, to an MP4. Pipelines know models and the engine."""
