"""Who we are on the wire: handshake results, cookies, accounts. Secrets live here."""
