"""Everything with weights: residency, adapters, optimisations. It may know ``engine.core`` only."""
