"""Photos that a diffusion model brings to life: framing, generation, the way from few small pictures to a full clip."""
