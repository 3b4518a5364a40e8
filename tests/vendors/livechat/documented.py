"""What the documents of the Reports API offer: the methods of 3.4, and what came later."""

DOCUMENTED = """
Chats      POST  /v3.4/reports/chats/duration
Chats      POST  /v3.4/reports/chats/tags
Chats      POST  /v3.4/reports/chats/total_chats
Chats      POST  /v3.4/reports/chats/ratings
Chats      POST  /v3.4/reports/chats/ranking
Chats      POST  /v3.4/reports/chats/engagement
Chats      POST  /v3.4/reports/chats/greetings_conversion
Chats      POST  /v3.4/reports/chats/surveys
Chats      POST  /v3.4/reports/chats/response_time
Chats      POST  /v3.4/reports/chats/first_response_time
Agents     POST  /v3.4/reports/agents/availability
Agents     POST  /v3.4/reports/agents/performance
Since 3.5  POST  /v3.5/reports/chats/forms
Since 3.5  POST  /v3.5/reports/tags/chat_usage
Since 3.6  POST  /v3.6/reports/chats/groups
Since 3.6  POST  /v3.6/reports/chats/queued_visitors
Since 3.6  POST  /v3.6/reports/customers/unique_visitors
"""

STRUCK_OUT = {"/v3.4/reports/chats/surveys"}
"""What a later version has replaced by something else."""
