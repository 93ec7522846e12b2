"""Pictures of answers: the graph of services as SVG and Mermaid, and badges. They ask nothing and decide nothing.

Equal values give equal bytes. Names come from the registry: each is escaped where it is written.
"""
