"""Reads of the worker's file: who is over age, who was trained, what was done, who is paid."""
