"""The catalogue of services and who offers what at which price. Row M10.

Items come from ``catalogues/service_items.yaml``; a provider's offer names its own price beside the
guide price.
"""
