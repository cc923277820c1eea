"""Meta: Facebook pages, Messenger, Instagram and WhatsApp Cloud.

They share one webhook, one signature and one API.
"""
