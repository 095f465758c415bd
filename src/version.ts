/** The release of Prefect whose behaviour this server has; clients compare it with their own. */
export const PREFECT_VERSION = '3.8.8';

/** The version of the REST API, as `GET /version` gives it. */
export const API_VERSION = '0.8.4';
