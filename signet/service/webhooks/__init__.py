"""Webhooks out: events of the registry's commits, sent to whom ``webhooks/*.yaml`` names, and never lost.

    outgoing    what the service allows and how patient it is      addresses  where a URL leads, and may it
    sending     one request, to that very address                  signing    Standard Webhooks
    message     an event as the body and the headers of a request  store      cursors, leases, deliveries (SQL)
    ledger      the list of deliveries, read and sent again        tables     what the store is made of
    feed        commits -> deliveries of a subscription            courier    when, by which thread, and how often

At least once, in order for each subscription. What is lost with the store is sent again with the same ids. Webhooks
that come in are ``signet.service.hooks``.
"""
