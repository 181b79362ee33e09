"""Everything with weights: residency, adapters, optimisations. It may know ``engine.core`` only.

Importing any of it is light: torch, transformers and onnxruntime are loaded by the functions that need them. Models are
opened from a folder that the caller gives; where packs lie is not known here.
"""
