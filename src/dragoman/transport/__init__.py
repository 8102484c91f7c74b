"""What moves bytes: the only place that knows aiohttp and curl_cffi."""
