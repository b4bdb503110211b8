#if os(Linux)
  import CNFTables
  import Glibc

  /// One run of libnftables in the calling process, for a process that was made for it and is shut in.
  package enum NFTablesScript {
    /// Runs a file. Messages go to standard error.
    ///
    /// - Returns: 0 where all of it was taken.
    package static func run(path: String, format: NFTablesFormat) -> Int32 {
      guard let messages = fdopen(dup(2), "w") else { return errno }
      defer { fclose(messages) }
      let context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT))
      defer { nft_ctx_free(context) }
      nft_ctx_set_error(context, messages)
      if format == .json { nft_ctx_output_set_flags(context, NFTablesListing.json.rawValue) }
      return nft_run_cmd_from_filename(context, path)
    }

    /// Runs a command; what it lists goes to standard output, as JSON.
    ///
    /// - Returns: 0 where it was taken.
    static func list(_ command: String) -> Int32 {
      let context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT))
      defer { nft_ctx_free(context) }
      nft_ctx_output_set_flags(context, NFTablesListing.json.rawValue)
      return nft_run_cmd_from_buffer(context, command)
    }
  }
#endif
