"""Policy profiles: loading them from files, changing drafts, publishing, cloning."""
