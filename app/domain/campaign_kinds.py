"""Codes of the kinds of campaign, as `campaign.kind` holds them. What a kind does: app.services.campaign_kinds."""

CHECKIN = "checkin"  # the quarter's contact with every absent household
CALLBACK = "callback"  # 回访核实: rounds of two questions about recorded visits
