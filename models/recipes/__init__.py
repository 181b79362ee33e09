"""What makes diffusion faster or smaller: one optimisation a file, each with a config and a function that applies it.

``apply_x(module, config)`` changes a diffusers module in place and returns an :class:`models.recipes.applied.Applied`,
whose ``remove()`` gives back the untouched module. Each is tested against the untouched pipeline.
"""
