"""seglabel: label images for semantic segmentation with DeepLabv3+ and a brush."""

__version__ = "0.1.0"
