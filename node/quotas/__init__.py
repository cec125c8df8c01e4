"""Request quotas: how often an account may call, in KMS's classes. Off unless configured."""
