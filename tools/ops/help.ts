export const HELP = `npm run --silent ops -- cases|decide|confirm|reject|decisions|bulk|reset … [options]

What waits for a person, and what people decide about it, through the operator gateway and with its login:
who may what, who agreed, and what was written down is the same as on its pages.

  cases list   [--kind KIND] [--assignee LOGIN] [--overdue] [--limit N]    the most urgent first
  cases show   case_…|pay_…                                                with operations, attempts, timeline
  cases assign case_…|pay_… [--to LOGIN | --nobody]                        to whoever asks, when nobody is named

  decide ACTION [pay_…] --reason TEXT [--evidence TEXT] [--second-person] [--id dcs_…]
    approve_review, reject_review, ask_now                                 one person
    pause_payment, resume_payment      [--merchant mer_…: where nothing of it is pending]; one person
    force_reversal, release_hold, extend_hold                              a second person agrees
    call_executed, call_not_executed   --subject ref_… (cap_…, void_…), the latter with a second person
    close_case                         --subject case_…
    retry_webhook                      --merchant mer_… --subject dlv_…
    adjust                             --merchant mer_… --mode test|live --debit ACCOUNT --credit ACCOUNT
                                       --amount N --currency CUR; a second person agrees
  confirm dcs_… [--why TEXT]     as second person: it happens
  reject  dcs_… [--why TEXT]     as second person: it does not
  decisions list [--state proposed|approved|rejected|all] [--limit N]
  decisions show dcs_…

  bulk --query QUERY --action ACTION --reason TEXT --batch NAME [--second-person] [--progress FILE]
    The same decision about every payment that a visibility query finds (QuittanceAttention = 'unknown'),
    with the options that decide has for that action. This shows them, does nothing, and keeps all of it as
    a list under an id (blk_…), beside FILE (default .quittance/bulk-NAME.jsonl).
  bulk --batch NAME --list blk_… --go [--per-second N] [--progress FILE]
    Decides as that list says about what it shows and the query still finds, at most N a second (default 5,
    at most 100), each written to FILE: stopped, say the same again. What has changed is told and left alone.
    Options of the decision are not taken here.
  bulk confirm blk_… [--seen DIGEST --go] [--why TEXT] [--per-second N]
    As second person: shows all that was proposed with that list, by whom, and a digest of it; with the digest
    and --go, agrees to all of it. Stopped, say the same again.

  reset (WORKFLOW … | --query QUERY) --by WHO --reason TEXT --batch NAME [--go]
    Lets runs that hang begin again from the record; nothing is sent twice. It speaks with Temporal itself
    and needs no login, and its options are its own: ops reset --help.

  --login NAME          who decides (default: operator, the development login)
  --password-file FILE  its first line is the password; --password-stdin reads it from standard input.
                        The development logins need neither: theirs stand in the run file.
  --gateway URL         the gateway's address as browsers know it; otherwise that of the run file
  --run-file FILE       run.json of a running stack (default: .quittance/run.json of this checkout)
  --json                one JSON document, or one for each line of a bulk

Ends with 0 when it is done (or waits for a second person), 1 when it was refused, 2 when what was typed
is not a command, and 3 when the gateway did not answer: then say the same again, with the same --id.
`;
