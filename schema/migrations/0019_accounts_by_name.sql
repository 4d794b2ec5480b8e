-- What an acquirer reports by itself names the account as the acquirer knows it: from there to its attempts.
create index merchant_acquirer_accounts_by_name on merchant_acquirer_accounts (acquirer_id, merchant_account);
