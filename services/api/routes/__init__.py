"""The routes: each reads a request, asks the service, tells the answer."""
