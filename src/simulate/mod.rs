//! Handler: a virtual ARM with a Customer Insights provider.
