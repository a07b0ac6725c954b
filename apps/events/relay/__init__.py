"""Sends the event log to another system: a stream of Valkey or Redis, or a topic of Kafka (contract FE3, FE4)."""
