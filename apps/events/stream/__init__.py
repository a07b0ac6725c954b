"""The live stream: tells connected people which of their projects changed, never what (contract SR)."""
