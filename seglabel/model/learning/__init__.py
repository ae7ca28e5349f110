"""Training: crops, loss, schedule, validation."""

from seglabel.model.learning.learner import DeepLabLearner

__all__ = ["DeepLabLearner"]
