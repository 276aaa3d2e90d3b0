/* Makes a store at an https endpoint, and prints the problem: etcd_tls ENDPOINT CA [CERTIFICATE KEY] */
#include <stdio.h>

#include "tjob/etcd_store.h"

int main(int argc, char **argv)
{
    static tjob_etcd_store store;
    static tjob_etcd_connection connections[1];
    if (argc < 3) {
        return 2;
    }
    const tjob_etcd_config config = {.endpoints = argv[1],
                                     .ca_path = argv[2],
                                     .certificate_path = argc > 4 ? argv[3] : NULL,
                                     .key_path = argc > 4 ? argv[4] : NULL};
    if (tjob_etcd_store_init(&store, connections, 1, &config) != TJOB_ETCD_OK) {
        return 1;
    }
    puts(tjob_etcd_problem_name(tjob_etcd_store_create(&store)));
    tjob_etcd_store_close(&store);
    return 0;
}
