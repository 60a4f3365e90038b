/** Events of a stream that carry nothing to keep; an error is one that comes after a text as long as it may be. */
export const SILENT_EVENTS: ReadonlySet<unknown> = new Set(['ping', 'content_block_stop', 'error']);

/** Kinds of blocks, as of autumn 2026. A block of another kind is kept and sent back likewise, with a warning. */
export const KNOWN_BLOCKS: ReadonlySet<unknown> = new Set([
  ...['text', 'thinking', 'redacted_thinking', 'tool_use', 'compaction', 'container_upload', 'fallback'],
  ...['server_tool_use', 'mcp_tool_use', 'mcp_tool_result', 'web_search_tool_result', 'web_fetch_tool_result'],
  ...['code_execution_tool_result', 'bash_code_execution_tool_result', 'text_editor_code_execution_tool_result'],
  ...['tool_search_tool_result', 'advisor_tool_result'],
]);
