/* A bug for each analyser to find: a pointer that is NULL on one way is followed. */
int seeded_bug(int wanted);

int seeded_bug(int wanted)
{
    int here = 0;
    int *found = 0;
    if (wanted > 0) {
        found = &here;
    }
    return *found;
}
