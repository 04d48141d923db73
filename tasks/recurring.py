"""The recurring steps as Celery tasks: without arguments, without logic, harmless when run twice."""

from __future__ import annotations

from celery import Celery
from flask import Flask

from tasks.steps import STEPS, Step
from tasks.units import worker_context

PREFIX = "shouwang."


def register(celery: Celery, app: Flask) -> None:
    """Add the tasks to `celery`, each running in `app`'s context."""
    for step in STEPS:
        _register(celery, app, step)


def queues_of_tasks() -> dict[str, dict[str, str]]:
    """Celery's task_routes: task name → {"queue": name}."""
    return {task_name(step): {"queue": step.queue} for step in STEPS}


def _register(celery: Celery, app: Flask, step: Step) -> None:
    @celery.task(name=task_name(step), shared=False)  # type: ignore[untyped-decorator]
    def run() -> None:
        with worker_context(app):
            step.run()


def task_name(step: Step) -> str:
    return f"{PREFIX}{step.name}"
