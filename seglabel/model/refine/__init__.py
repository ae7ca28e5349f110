"""Refine from strokes: what a person painted of an image becomes a proposal for the rest of it."""
