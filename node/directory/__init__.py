"""Who there is: users, groups, roles, their policies and access keys, as IAM has them. Pure."""
