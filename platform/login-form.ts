/** The form of a person's login, as the database checks it (schema/functions/known_person.sql). */
export const LOGIN_FORM = /^[a-z0-9][a-z0-9._@+-]{1,99}$/;
