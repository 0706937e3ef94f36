"""People, roles, and who may do what where and until when."""
