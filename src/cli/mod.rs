//! One file per subcommand; words and exit codes; nothing else prints.
