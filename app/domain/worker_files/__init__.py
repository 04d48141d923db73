"""The worker's file: age, appointment, training, evaluation and subsidy as pure rules (D0-05…D0-10, D0-49…D0-65)."""

from app.domain.worker_files.labels import LABELS

__all__ = ["LABELS"]
