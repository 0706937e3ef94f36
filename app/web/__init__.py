"""What every page needs: guards, answers, errors, formats, sessions, security headers."""
