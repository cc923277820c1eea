"""Twilio: SMS and WhatsApp over Twilio's API 2010-04-01, for handles with provider `twilio`."""
