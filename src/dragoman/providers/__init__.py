"""The services, sites and local engines that answer chats."""
