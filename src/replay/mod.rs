//! Handler: match, answer, account for every interaction.
