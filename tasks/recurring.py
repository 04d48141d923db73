"""The recurring steps as Celery tasks: without arguments, without logic, harmless when run twice."""

from __future__ import annotations

from celery import Celery
from flask import Flask

from tasks.steps import STEPS, Step
from tasks.units import worker_context

PREFIX = "shouwang."


def register(celery: Celery, app: Flask) -> None:
    for step in STEPS:
        _register(celery, app, step)


def _register(celery: Celery, app: Flask, step: Step) -> None:
    @celery.task(name=task_name(step), queue=step.queue)  # type: ignore[untyped-decorator]
    def run() -> None:
        with worker_context(app):
            step.run()


def task_name(step: Step) -> str:
    return f"{PREFIX}{step.name}"
