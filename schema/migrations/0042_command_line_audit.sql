-- What is done with commands of operators, and not at the gateway, is in the audit log, too.
alter table gateway_audit
  drop constraint gateway_audit_kind_check,
  add constraint gateway_audit_kind_check check (kind in ('login_tried', 'login', 'logout', 'operator_changed', 'decode', 'encode', 'write',
    'write_refused', 'answered', 'look', 'assign', 'decision', 'command_line'));
