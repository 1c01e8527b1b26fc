-- What the admin API changes in the database leaves its deed in the inbox as commands do, and says how its caller was known.

alter table surety.admin_action
  -- As in the audit trail. `command_line` for commands, whose principal is a user of the operating system.
  add column authentication text not null default 'command_line',
  add column address text,
  add column listener text;
