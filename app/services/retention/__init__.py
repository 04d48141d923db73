"""What has served its time goes."""
