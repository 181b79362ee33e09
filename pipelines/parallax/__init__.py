"""A photo as a scene with depth, under a camera that travels. Import what is needed from its modules."""
