/* A header that C takes and C++ does not. */
struct untrue {
    int class;
};
