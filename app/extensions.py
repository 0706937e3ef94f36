"""Flask's extensions, empty until `create_app` initialises them."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect

login_manager = LoginManager()
csrf = CSRFProtect()
# Counters live in Redis when there is one; while it is away each process counts by itself,
# because a throttle that fails open is no throttle and one that fails closed locks everybody out.
limiter = Limiter(get_remote_address, in_memory_fallback_enabled=True, headers_enabled=True)
