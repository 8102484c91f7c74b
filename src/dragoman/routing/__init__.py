"""What happens around the providers: which is asked, which is left out, and what a failure does."""
