import type { PostgresServer } from '../../../../test/servers/postgres.js'

/** A database of its own with a table of services, `url` and all; every change of it is told on `services_changed`. */
export class Table {
  readonly uri: string
  readonly #server: PostgresServer

  private constructor(server: PostgresServer, uri: string) {
    this.#server = server
    this.uri = uri
  }

  static async create(server: PostgresServer, names: readonly string[] = []): Promise<Table> {
    const table = new Table(server, await server.createDatabase())
    await table.sql(`
      CREATE TABLE services (
        id serial PRIMARY KEY, type text, name text, category text, url text, every interval, options jsonb
      );
      CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_notify('services_changed', ''); RETURN NULL; END $$;
      CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON services
        FOR EACH STATEMENT EXECUTE FUNCTION tell();`)
    for (const name of names) await table.add(name)
    return table
  }

  add(name: string, url = `https://${name}.example`): Promise<unknown> {
    return this.sql(`INSERT INTO services (type, name, url) VALUES ('page', '${name}', '${url}')`)
  }

  sql(text: string): Promise<Record<string, unknown>[]> {
    return this.#server.sql(this.uri, text)
  }
}

export const QUERY = 'SELECT type, name, category, url, every, options FROM services ORDER BY id'
