"""The one page that is served without https: how to install the certificate on a phone."""
